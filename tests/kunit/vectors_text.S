/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of tests/vectors, in the image: see kunit_vectors_text.c. Kbuild makes the list: a vectors_file for each */

	/* struct kunit_vectors_text of a file */
	.macro	vectors_file path:req
	.pushsection .rodata.vectors, "a"
.Lpath\@:
	.asciz	"\path"
.Ltext\@:
	.incbin	"\path"
.Lend\@:
	.popsection
	.quad	.Lpath\@, .Ltext\@, .Lend\@ - .Ltext\@
	.endm

	.data
	.balign	8
	.globl	kunit_vectors_text
kunit_vectors_text:
#include "tests/kunit/vectors_files.inc"
	.globl	kunit_vectors_text_end
kunit_vectors_text_end:
	.section .note.GNU-stack, "", @progbits
