from markdown.core import markdown as markdown
