from instaloader.instaloader import Instaloader as Instaloader
