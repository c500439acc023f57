from langchain_core.runnables.base import Runnable

# A prompt only formats.
@never_blocks
class BasePromptTemplate(Runnable):
    def invoke(self, input, config=None, **kwargs): ...
class PromptTemplate(BasePromptTemplate):
    @classmethod
    def from_template(cls, template, **kwargs) -> PromptTemplate: ...
class ChatPromptTemplate(BasePromptTemplate):
    @classmethod
    def from_template(cls, template, **kwargs) -> ChatPromptTemplate: ...
    @classmethod
    def from_messages(cls, messages, template_format="f-string") -> ChatPromptTemplate: ...
