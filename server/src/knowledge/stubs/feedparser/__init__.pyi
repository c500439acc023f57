from feedparser.api import parse as parse
