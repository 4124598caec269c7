;; The dot products of one vector of bytes with rows of bytes, sixteen numbers at a time. `$width` is a whole number of sixteens.
(module
  (import "host" "memory" (memory 1))
  ;; $at: where the rows begin; $end: where they end; $width: bytes of a row; $vector: `$width` 16-bit numbers; $products: 32-bit integers.
  (func (export "products") (param $at i32) (param $end i32) (param $width i32) (param $vector i32) (param $products i32)
    (local $number i32) (local $last i32) (local $four v128) (local $sum v128) (local $other v128)
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $last (i32.add (local.get $at) (local.get $width)))
        (local.set $number (local.get $vector))
        (local.set $sum (v128.const i64x2 0 0))
        (local.set $other (v128.const i64x2 0 0))
        (loop $numbers
          (local.set $four (v128.load (local.get $at)))
          (local.set $sum (i32x4.add (local.get $sum)
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $four)) (v128.load (local.get $number)))))
          (local.set $other (i32x4.add (local.get $other)
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $four)) (v128.load offset=16 (local.get $number)))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $number (i32.add (local.get $number) (i32.const 32)))
          (br_if $numbers (i32.lt_u (local.get $at) (local.get $last))))
        (local.set $sum (i32x4.add (local.get $sum) (local.get $other)))
        (i32.store (local.get $products)
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
            (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
        (local.set $products (i32.add (local.get $products) (i32.const 4)))
        (br $rows)))))
