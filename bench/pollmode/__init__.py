"""Programs that poll two net_pcap devices, measured in turns on one CPU. See bench/README.md."""
