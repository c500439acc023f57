from pydantic_ai.agent import Agent as Agent
