from datadog.api.events import Event as Event
from datadog.api.metrics import Metric as Metric
