from gspread.auth import authorize as authorize
from gspread.auth import service_account as service_account
from gspread.auth import service_account_from_dict as service_account_from_dict
from gspread.client import Client as Client
