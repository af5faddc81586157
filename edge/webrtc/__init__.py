"""WebRTC: viewers out by WHEP, a guest in by WHIP, and the ICE that devices need."""
