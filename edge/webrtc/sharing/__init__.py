"""
One encoder for all who see the same: renditions, who watches which, and at what bitrate.

A composite is shown to each rendition in use; its encoder runs in a thread of its own and gives a
``Coded`` picture that is packetised there, once; on the event loop the packets go to every viewer.
"""
