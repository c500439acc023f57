from joblib.numpy_pickle import dump as dump
from joblib.numpy_pickle import load as load
from joblib.parallel import Parallel as Parallel
