# Reads a TensorBoard event file with nothing of Masque's: TFRecord and its CRC-32C
# bit by bit, the messages by protobuf's own decoder. Prints one JSON object a scalar: step, tag, value.
import json
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def messages():
    """Event and Summary as tensorflow/core/util/event.proto and summary.proto number them."""
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="t")
    kinds = descriptor_pb2.FieldDescriptorProto

    def message(name, *fields):
        entry = file.message_type.add(name=name)
        for number, field, kind, repeated, of in fields:
            entry.field.add(name=field, number=number, type=kind, type_name=of,
                            label=kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL)

    message("Value", (1, "tag", kinds.TYPE_STRING, False, None), (2, "simple_value", kinds.TYPE_FLOAT, False, None))
    message("Summary", (1, "value", kinds.TYPE_MESSAGE, True, ".t.Value"))
    message("Event", (1, "wall_time", kinds.TYPE_DOUBLE, False, None), (2, "step", kinds.TYPE_INT64, False, None),
            (3, "file_version", kinds.TYPE_STRING, False, None), (5, "summary", kinds.TYPE_MESSAGE, False, ".t.Summary"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("t.Event"))


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def checked(stored, data):
    crc = crc32c(data)
    masked = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
    if masked != stored:
        sys.exit("a CRC does not fit")


def main(path):
    event_type = messages()
    assert crc32c(b"123456789") == 0xE3069283
    with open(path, "rb") as file:
        data = file.read()
    at, first = 0, True
    while at < len(data):
        length, length_crc = struct.unpack_from("<QI", data, at)
        checked(length_crc, data[at:at + 8])
        body = data[at + 12:at + 12 + length]
        checked(struct.unpack_from("<I", data, at + 12 + length)[0], body)
        at += 16 + length
        event = event_type.FromString(body)
        if first and event.file_version != "brain.Event:2":
            sys.exit("the first record is no version")
        first = False
        for value in event.summary.value:
            print(json.dumps({"step": event.step, "tag": value.tag, "value": value.simple_value}))


main(sys.argv[1])
