from gradio.interface import Interface as Interface
