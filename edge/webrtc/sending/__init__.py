"""From a packetised picture to one viewer's network: RTP, retransmission, reports, SRTP, UDP."""
