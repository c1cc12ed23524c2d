"""A subscriber that acknowledges and does nothing else; says when it has had so many messages."""

import json
import os
import sys
import time
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion


def main(port: int, every: int) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5, manual_ack=True)
    spent = 0.0
    left = [1]  # the first is only to see that somebody listens

    def on_message(client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        nonlocal spent
        client.ack(message.mid, message.qos)
        left[0] -= 1
        if not left[0]:
            left[0], before, spent = every, spent, time.process_time()
            os.write(1, json.dumps({"cpu_s": spent - before}).encode() + b"\n")

    client.on_message = on_message
    client.on_connect = lambda client, *_: client.subscribe("$share/bare/bare/+/readings", 1)
    client.connect("127.0.0.1", port)
    client.loop_forever()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
