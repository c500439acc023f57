from llama_cpp.llama import Llama as Llama
