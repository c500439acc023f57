from praw.models.reddit.subreddit import Subreddit

class SubredditHelper:
    def __call__(self, display_name) -> Subreddit: ...
