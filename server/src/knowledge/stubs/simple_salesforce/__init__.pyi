from simple_salesforce.api import Salesforce as Salesforce
