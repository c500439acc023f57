from praw.reddit import Reddit as Reddit
