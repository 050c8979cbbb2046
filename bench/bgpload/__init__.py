"""What bench/bgp_load is made of."""
