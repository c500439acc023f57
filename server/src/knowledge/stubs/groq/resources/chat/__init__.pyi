from groq.resources.chat.chat import Chat as Chat
