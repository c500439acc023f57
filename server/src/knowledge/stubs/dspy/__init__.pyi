from dspy.predict.chain_of_thought import ChainOfThought as ChainOfThought
from dspy.predict.predict import Predict as Predict
from dspy.primitives.module import Module as Module
