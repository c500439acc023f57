from nmap.nmap import PortScanner as PortScanner
