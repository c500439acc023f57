from alpaca_trade_api.rest import REST as REST
