from langchain_core.runnables.base import Runnable as Runnable
