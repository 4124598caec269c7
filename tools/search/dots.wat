;; The dot products of one vector with the rows of a matrix, eight rows at a time.
;;
;; Rows stand in groups of four: number 0 of each of the four, then number 1 of each, so that one load brings the same number of four
;; rows. A sum is of 64-bit floats, from the first number to the last, as a plain loop has it: the result is the same to the bit.
(module
  (import "host" "memory" (memory 1))
  ;; $at: where the matrix begins; $end: where it ends, a whole number of eight rows; $width: numbers of a row;
  ;; $vector: `$width` 64-bit floats; $dots: 32-bit floats, one a row.
  (func (export "dots") (param $at i32) (param $end i32) (param $width i32) (param $vector i32) (param $dots i32)
    (local $second i32) (local $number i32) (local $last i32)
    (local $value v128) (local $four v128)
    (local $s01 v128) (local $s23 v128) (local $s45 v128) (local $s67 v128)
    (local.set $last (i32.add (local.get $vector) (i32.shl (local.get $width) (i32.const 3))))
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $second (i32.add (local.get $at) (i32.shl (local.get $width) (i32.const 4))))
        (local.set $number (local.get $vector))
        (local.set $s01 (v128.const i64x2 0 0))
        (local.set $s23 (v128.const i64x2 0 0))
        (local.set $s45 (v128.const i64x2 0 0))
        (local.set $s67 (v128.const i64x2 0 0))
        (block $summed
          (loop $numbers
            (br_if $summed (i32.ge_u (local.get $number) (local.get $last)))
            (local.set $value (v128.load64_splat (local.get $number)))
            (local.set $four (v128.load (local.get $at)))
            (local.set $s01 (f64x2.add (local.get $s01) (f64x2.mul (f64x2.promote_low_f32x4 (local.get $four)) (local.get $value))))
            (local.set $four (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $four) (local.get $four)))
            (local.set $s23 (f64x2.add (local.get $s23) (f64x2.mul (f64x2.promote_low_f32x4 (local.get $four)) (local.get $value))))
            (local.set $four (v128.load (local.get $second)))
            (local.set $s45 (f64x2.add (local.get $s45) (f64x2.mul (f64x2.promote_low_f32x4 (local.get $four)) (local.get $value))))
            (local.set $four (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $four) (local.get $four)))
            (local.set $s67 (f64x2.add (local.get $s67) (f64x2.mul (f64x2.promote_low_f32x4 (local.get $four)) (local.get $value))))
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (local.set $second (i32.add (local.get $second) (i32.const 16)))
            (local.set $number (i32.add (local.get $number) (i32.const 8)))
            (br $numbers)))
        (v128.store64_lane 0 (local.get $dots) (f32x4.demote_f64x2_zero (local.get $s01)))
        (v128.store64_lane offset=8 0 (local.get $dots) (f32x4.demote_f64x2_zero (local.get $s23)))
        (v128.store64_lane offset=16 0 (local.get $dots) (f32x4.demote_f64x2_zero (local.get $s45)))
        (v128.store64_lane offset=24 0 (local.get $dots) (f32x4.demote_f64x2_zero (local.get $s67)))
        (local.set $dots (i32.add (local.get $dots) (i32.const 32)))
        (local.set $at (local.get $second))
        (br $rows)))))
