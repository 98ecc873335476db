/*
 * The form of a pack (制度包): which keys stand where, and what each may hold, as tables.
 *
 * One walker goes over node and table together, so that the unknown, the missing and the ill-typed are found alike everywhere, all in
 * one run. What is checked here: keys, types, expressions (as text), references to stages, actions, pauses and documents, one
 * namespace for the members of a record, declared laws, and the unit of each time limit against its law
 * (工作日的规定：行政复议法 第八十八条、行政处罚法 第八十五条、行政强制法 第六十九条、行政许可法 第八十二条). What is not yet: the types of
 * expressions, and soundness.
 */
#ifndef FZ_LAW_SCHEMA_H
#define FZ_LAW_SCHEMA_H

#include "law/node.h"

/**
 * Checks the form of one pack.
 *
 * @param pack  the whole file as nodes, amendments merged in; NULL is accepted and does nothing
 * All problems go to `diags`, in no order. O(size of the pack).
 */
void fz_schema_check(const struct fz_node *pack, struct fz_arena *arena, struct fz_diags *diags);

#endif
