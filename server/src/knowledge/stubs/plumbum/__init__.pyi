from plumbum.machines.local import local as local
