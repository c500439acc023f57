from litellm.main import acompletion as acompletion
from litellm.main import aembedding as aembedding
from litellm.main import completion as completion
from litellm.main import embedding as embedding
