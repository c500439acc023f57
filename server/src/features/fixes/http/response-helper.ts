/**
 * A response that goes to a function of the same file: `parse(requests.get(url))`. What that function reads of it counts as
 * read here. It may be given other responses as well, so nothing in it can be changed. Knows no library.
 */
import { isRead, mentionsOf } from "../text/flow.js";
import { bindingsOf, isBinding } from "../text/scopes.js";
import {
  argumentsOf,
  descendantsOf,
  functionAround,
  kindOf,
  NO_NODE,
  type NodeId,
  parentOf,
  type Source,
  textOf,
} from "../text/source.js";
import { type AttributeUse, attributeUse, isIdentityTest } from "./response-life.js";

/** What a helper reads of the response that it is handed, or why that is not known; undefined when it is handed to none. */
export function usesInHelper(source: Source, value: NodeId): readonly AttributeUse[] | string | undefined {
  const list = parentOf(source, value);
  const call = kindOf(source, list) === "argument_list" ? parentOf(source, list) : undefined;
  const callee = call === undefined ? undefined : source.tree.child(call, "function");
  if (call === undefined || callee === undefined || kindOf(source, callee) !== "identifier") return undefined;
  const name = textOf(source, callee);
  const [binding, ...others] = bindingsOf(source, name, callee);
  const helper = binding?.how === "definition" ? parentOf(source, binding.node) : undefined;
  if (helper === undefined || others.length > 0 || kindOf(source, helper) !== "function_definition") return undefined;
  if (functionAround(source, helper) !== NO_NODE || kindOf(source, parentOf(source, helper)) !== "module") return undefined;
  const given = argumentsOf(source, call);
  const isCounted = given.slice(0, given.indexOf(value)).every((argument) => !/splat|keyword/.test(kindOf(source, argument)));
  const parameter = isCounted ? parameterOf(source, helper, given.indexOf(value)) : undefined;
  if (parameter === undefined) return undefined;
  if ([...descendantsOf(source, helper)].some((node) => /^(try|with)_statement$/.test(kindOf(source, node))))
    return `the response is handed on to \`${name}\`, which has handlers or blocks of its own`;
  const uses: AttributeUse[] = [];
  for (const mention of mentionsOf(source, textOf(source, parameter), parameter)) {
    if (mention === parameter) continue;
    if (isBinding(source, mention) || !isRead(source, mention))
      return `the response is handed on to \`${name}\`, which changes it`;
    if (isIdentityTest(source, mention)) continue;
    const use = attributeUse(source, mention);
    if (typeof use === "string") return `${use} in \`${name}\``;
    uses.push({ ...use, isSole: false, isNested: false, at: value });
  }
  return uses;
}

/** The parameter for a positional argument, unless it is annotated as a response of one library. */
function parameterOf(source: Source, helper: NodeId, index: number): NodeId | undefined {
  const parameter = source.tree.children(source.tree.child(helper, "parameters") ?? helper)[index];
  if (parameter === undefined) return undefined;
  if (kindOf(source, parameter) === "identifier") return parameter;
  const annotation = source.tree.child(parameter, "type");
  const [name] = source.tree.children(parameter);
  if (kindOf(source, parameter) !== "typed_parameter" || annotation === undefined || name === undefined) return undefined;
  return kindOf(source, name) === "identifier" && !/Response|requests/.test(textOf(source, annotation)) ? name : undefined;
}
