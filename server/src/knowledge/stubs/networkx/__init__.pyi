from networkx.algorithms.link_analysis.pagerank_alg import pagerank as pagerank
from networkx.algorithms.shortest_paths.generic import shortest_path as shortest_path
from networkx.algorithms.shortest_paths.generic import shortest_path_length as shortest_path_length
