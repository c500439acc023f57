from wikipedia.wikipedia import geosearch as geosearch
from wikipedia.wikipedia import page as page
from wikipedia.wikipedia import random as random
from wikipedia.wikipedia import search as search
from wikipedia.wikipedia import suggest as suggest
from wikipedia.wikipedia import summary as summary
