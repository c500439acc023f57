/** How a step of a path runs the next: the role of its site. */
export type StepRole = "call" | "enter" | "exit" | "iterate" | "read" | "operate" | "await" | "loop" | "cause";
