"""What the window says about itself: frame times, queues, gaps, latency."""
