from smolagents.agents import CodeAgent as CodeAgent
from smolagents.agents import MultiStepAgent as MultiStepAgent
from smolagents.agents import ToolCallingAgent as ToolCallingAgent
