from praw.models.listing.mixins.base import BaseListingMixin

class Subreddit(BaseListingMixin):
    @blocks("http")
    def submit(self, title, **kwargs): ...
