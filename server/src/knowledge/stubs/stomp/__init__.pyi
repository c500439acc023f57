from stomp.connect import StompConnection11 as Connection
