/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The annotations of Windows' source (SAL), all of those that driver source
 * uses. They tell Microsoft's analyser which way an argument goes, how long a
 * buffer is, and at which level a function runs. No compiler here reads them,
 * so each is empty; who reads a prototype gains the same facts.
 *
 * In KMCL's own prototypes they are those of Microsoft's pages, and
 * tests/wdk/prototypes.py holds them.
 */
#ifndef KMCL_SAL_H
#define KMCL_SAL_H

/* A program that has them already keeps its own. */
#ifndef _In_

/* ---- which way, and whether NULL is allowed ---------------------------- */

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Out_
#define _Out_opt_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_nullonfailure_
#define _Outref_
#define _Reserved_
#define _Const_
#define _COM_Outptr_
#define _Printf_format_string_
#define _Scanf_format_string_
#define _Null_terminated_
#define _NullNull_terminated_

/* ---- how much ---------------------------------------------------------- */

#define _In_reads_(count)
#define _In_reads_opt_(count)
#define _In_reads_bytes_(size)
#define _In_reads_bytes_opt_(size)
#define _In_reads_z_(count)
#define _In_reads_or_z_(count)
#define _In_reads_to_ptr_(end)
#define _In_range_(low, high)
#define _Out_range_(low, high)
#define _Ret_range_(low, high)
#define _Deref_in_range_(low, high)
#define _Deref_out_range_(low, high)
#define _Field_range_(low, high)
#define _Field_size_(count)
#define _Field_size_opt_(count)
#define _Field_size_bytes_(size)
#define _Field_size_bytes_opt_(size)
#define _Field_size_bytes_part_(size, used)
#define _Field_size_part_(size, used)
#define _Field_z_
#define _Struct_size_bytes_(size)
#define _Inout_updates_(count)
#define _Inout_updates_opt_(count)
#define _Inout_updates_bytes_(size)
#define _Inout_updates_bytes_opt_(size)
#define _Inout_updates_bytes_to_(size, used)
#define _Inout_updates_to_(count, used)
#define _Out_writes_(count)
#define _Out_writes_opt_(count)
#define _Out_writes_z_(count)
#define _Out_writes_all_(count)
#define _Out_writes_to_(count, used)
#define _Out_writes_to_opt_(count, used)
#define _Out_writes_bytes_(size)
#define _Out_writes_bytes_opt_(size)
#define _Out_writes_bytes_all_(size)
#define _Out_writes_bytes_all_opt_(size)
#define _Out_writes_bytes_to_(size, used)
#define _Out_writes_bytes_to_opt_(size, used)
#define _Outptr_result_buffer_(count)
#define _Outptr_result_bytebuffer_(size)
#define _Outptr_opt_result_bytebuffer_(size)

/* ---- results and conditions -------------------------------------------- */

#define _Must_inspect_result_
#define _Check_return_
#define _Check_return_opt_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_null_
#define _Ret_z_
#define _Ret_writes_(count)
#define _Ret_writes_bytes_(size)
#define _Ret_writes_bytes_maybenull_(size)
#define _Return_type_success_(condition)
#define _Success_(condition)
#define _On_failure_(annotation)
#define _Always_(annotation)
#define _When_(condition, annotation)
#define _At_(target, annotation)
#define _At_buffer_(target, iterator, bound, annotation)
#define _Group_(annotation)
#define _Pre_
#define _Pre_satisfies_(condition)
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Pre_valid_
#define _Pre_writable_byte_size_(size)
#define _Pre_readable_byte_size_(size)
#define _Post_
#define _Post_satisfies_(condition)
#define _Post_invalid_
#define _Post_ptr_invalid_
#define _Post_equal_to_(value)
#define _Post_writable_byte_size_(size)
#define _Analysis_assume_(condition)    ((void)0)
#define _Analysis_assume_lock_acquired_ ((void)0)
#define _Use_decl_annotations_
#define _Notref_
#define _Unreferenced_parameter_
#define _Points_to_data_

/* ---- levels, locks, what kind of function ------------------------------- */

#define _IRQL_requires_(irql)
#define _IRQL_requires_max_(irql)
#define _IRQL_requires_min_(irql)
#define _IRQL_requires_same_
#define _IRQL_raises_(irql)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_saves_global_(kind, parameter)
#define _IRQL_restores_global_(kind, parameter)
#define _IRQL_always_function_min_(irql)
#define _IRQL_always_function_max_(irql)
#define _IRQL_is_cancel_
#define _Function_class_(name)
#define _Dispatch_type_(type)
#define _Kernel_clear_do_init_(answer)
#define _Kernel_float_used_
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Requires_lock_held_(lock)
#define _Requires_lock_not_held_(lock)
#define _Requires_no_locks_held_
#define _Acquires_exclusive_lock_(lock)
#define _Releases_exclusive_lock_(lock)
#define _Acquires_shared_lock_(lock)
#define _Releases_shared_lock_(lock)
#define _Has_lock_kind_(kind)
#define _Guarded_by_(lock)
#define _Write_guarded_by_(lock)
#define _Interlocked_
#define _Interlocked_operand_

#define __drv_aliasesMem
#define __drv_allocatesMem(kind)
#define __drv_freesMem(kind)
#define __drv_freesLock(kind)
#define __drv_acquiresLock(kind)
#define __drv_maxIRQL(irql)
#define __drv_minIRQL(irql)
#define __drv_requiresIRQL(irql)
#define __drv_sameIRQL
#define __drv_strictTypeMatch(mode)
#define __drv_strictType(type, mode)
#define __drv_dispatchType(type)
#define __drv_dispatchType_other
#define __drv_functionClass(name)
#define __drv_useCancelIRQL
#define __drv_when(condition, annotation)
#define __drv_at(target, annotation)
#define __drv_arg(target, annotation)
#define __drv_reportError(text)
#define __drv_valueIs(values)
#define __drv_preferredFunction(name, why)

/* The analyser's own switches. */
#define __analysis_assume(condition) ((void)0)
#define _Analysis_noreturn_
#define _Analysis_mode_(mode)

#endif /* _In_ */

#endif
