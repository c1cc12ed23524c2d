"""What changes in the room, by subject: enterprises, standards, visits, hazards …"""
