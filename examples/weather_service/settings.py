"""Where things are."""

from pathlib import Path

FORECAST_URL = "https://forecast.example.com"
ALERT_URL = "https://alerts.example.com/subscribe"
MAIL_HOST = "mail.example.com"
DATA = Path("data")
BACKUP = Path("backup")
DATABASE = DATA / "observations.db"
