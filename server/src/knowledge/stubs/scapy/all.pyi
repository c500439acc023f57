from scapy.sendrecv import sniff as sniff
from scapy.sendrecv import sr as sr
from scapy.sendrecv import sr1 as sr1
from scapy.sendrecv import srp as srp
from scapy.sendrecv import srp1 as srp1
