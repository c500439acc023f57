from langchain_core.tools.base import BaseTool as BaseTool
