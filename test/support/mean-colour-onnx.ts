/**
 * A model of one node that takes the mean of each colour's plane, as an `.onnx` file: pictures in, one vector each out, as the vision part
 * of a larger model has it. Field numbers are those of `onnx.proto`.
 */
export function meanColourModel(): Uint8Array {
  const picture = valueInfo('pixel_values', [1, 3, 'height', 'width'])
  const vector = valueInfo('image_embeds', [1, 3])
  const axes = Buffer.concat([text(1, 'axes'), number(8, 2), number(8, 3), number(20, 7)])
  const flat = Buffer.concat([text(1, 'keepdims'), number(3, 0), number(20, 2)])
  const node = Buffer.concat([text(1, 'pixel_values'), text(2, 'image_embeds'), text(4, 'ReduceMean'), bytes(5, axes), bytes(5, flat)])
  const graph = Buffer.concat([bytes(1, node), text(2, 'mean'), bytes(11, picture), bytes(12, vector)])
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, Buffer.concat([text(1, ''), number(2, 13)]))])
}

function valueInfo(name: string, sides: readonly (number | string)[]): Buffer {
  const shape = Buffer.concat(sides.map((side) => bytes(1, typeof side === 'number' ? number(1, side) : text(2, side))))
  const tensor = Buffer.concat([number(1, 1), bytes(2, shape)])
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))])
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value))
}

function bytes(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(value.length), value])
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)])
}

function varint(value: number): Buffer {
  const all: number[] = []
  let left = value
  for (; left > 127; left >>= 7) all.push((left & 127) | 128)
  return Buffer.from([...all, left])
}
