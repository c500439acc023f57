from xgboost.sklearn import XGBClassifier as XGBClassifier
from xgboost.sklearn import XGBModel as XGBModel
from xgboost.sklearn import XGBRegressor as XGBRegressor
from xgboost.training import train as train
