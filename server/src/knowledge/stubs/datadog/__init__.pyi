from datadog import api as api
