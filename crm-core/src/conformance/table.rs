//! The table of all promises: the group, which is the module, the name, which is the function, and the promise.
//!
//! A line without a function does not compile, and neither does a function without a line: it would be dead code,
//! which this module denies.

/// Makes one `#[test]` per promise of the [conformance suite](crate::conformance), for the store of the
/// [`Harness`](crate::conformance::Harness) that the expression makes, anew for each.
#[macro_export]
macro_rules! store_conformance {
    ($harness:expr) => {
        $crate::__conformance_cases!([$crate::__conformance_tests] $harness);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    (($harness:expr) $($group:ident { $($name:ident: $promise:literal;)+ })+) => {$($(
        #[doc = $promise]
        #[test]
        fn $name() {
            $crate::conformance::run(stringify!($name), $harness);
        }
    )+)+};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    ([$($then:tt)+] $($harness:expr)?) => { $($then)+! { ($($harness)?)
        tenancy {
            a_foreign_id_is_unknown_to_get:
                "`get` leaves out the records of another tenant, as it leaves out unknown ids.";
            no_read_of_any_object_sees_another_tenant:
                "Of every kind of record, get, query and count answer as if other tenants were not there.";
            a_search_finds_its_own_tenant_alone:
                "A term that only another tenant's records have finds nothing.";
            a_page_after_a_foreign_place_holds_own_rows_alone:
                "A place in a list that another tenant's row stands at is a place in the own list, nothing more.";
            a_filter_by_a_foreign_reference_finds_nothing:
                "A filter by the id of another tenant's record matches nothing.";
            counters_are_the_tenants_own:
                "A counter of the same name and key is another one in another tenant.";
            bounds_look_at_the_tenants_own_counters:
                "A bound is checked against the counters of the scope's tenant.";
            events_are_the_tenants_own:
                "Each tenant's log is numbered for itself and holds no foreign event.";
            a_foreign_version_cannot_be_expected:
                "A change or check that expects a version of another tenant's record fails as for an unknown one.";
            a_foreign_record_cannot_be_erased:
                "Erasing another tenant's record answers as erasing an unknown one, and removes nothing.";
            no_reference_leads_to_another_tenant:
                "A reference to another tenant's record is refused like one to nothing, for every reference field.";
            unique_values_are_the_tenants_own:
                "A unique value may be taken in two tenants, and in each only once.";
            numbers_are_the_tenants_own:
                "Each tenant's numbers run 1, 2, 3, ... for itself.";
            once_keys_are_the_tenants_own:
                "The same once key in two tenants is two keys.";
            the_same_id_is_another_record_in_another_tenant:
                "A record id that two tenants use is two records, through change, deletion and erasure.";
            an_unfounded_tenant_reads_as_an_empty_one:
                "Every read of a tenant that does not exist answers as for an empty one.";
            a_failing_commit_leaves_other_tenants_as_they_were:
                "A refused batch changes nothing in any other tenant.";
            tenants_filled_alike_read_alike:
                "Two tenants with the same rows give the same pages and the same log.";
            a_foreign_id_looks_like_an_unknown_id:
                "Every operation of the façade on another tenant's id answers as for an id that never was.";
            a_record_cannot_be_tied_to_a_foreign_one:
                "The façade refuses a foreign id inside a record exactly as it refuses an unknown one.";
            nothing_is_written_to_an_unfounded_tenant:
                "A commit to a tenant that does not exist is refused and leaves nothing.";
        }
        commits {
            an_empty_batch_changes_nothing:
                "A batch without changes commits, gives no number and leaves the log's head where it was.";
            a_commit_answers_with_the_numbers_of_its_events:
                "A commit answers with the numbers of its first and last event.";
            a_committed_row_reads_back_as_it_was:
                "A row reads back by get and by query as it was committed.";
            a_put_replaces_the_row_whole:
                "A put leaves no value of the row before.";
            absence_is_expected_of_live_and_deleted_records:
                "`Expect::Absent` fails for a live and for a deleted record.";
            only_the_expected_version_is_changed:
                "`Expect::Version` fails for every other version and for a record that is not there.";
            a_version_is_expected_of_deleted_records_as_well:
                "`Expect::Version` finds deleted records, so that they can be restored.";
            a_check_holds_the_batch_and_leaves_no_trace:
                "A check changes nothing, logs nothing, and refuses the whole batch if it does not hold.";
            expectations_see_what_the_batch_wrote_before:
                "Expectations are checked against what the batch itself has written before them.";
            a_failed_expectation_at_the_end_undoes_the_batch:
                "A batch whose last expectation fails leaves no row, event, counter, number, search text or key.";
            a_taken_value_at_the_end_undoes_the_batch:
                "The same for a unique value that is taken.";
            a_reference_to_nothing_at_the_end_undoes_the_batch:
                "The same for a reference that leads nowhere.";
            a_counter_that_overflows_undoes_the_batch:
                "The same for a counter that would leave the range of 64 bits.";
            a_broken_bound_undoes_the_batch:
                "The same for a bound that does not hold after the batch.";
            a_tenant_is_founded_once:
                "Founding a tenant that exists is refused and changes nothing.";
            an_empty_batch_founds_a_tenant:
                "A founding batch without changes founds the tenant.";
            a_failed_founding_leaves_no_tenant:
                "A founding batch that is refused leaves no tenant, and can be tried again.";
            tenants_are_founded_in_any_number:
                "Tenants are founded one after the other, each with a log that begins at 1.";
            five_hundred_changes_commit_together_or_not_at_all:
                "A batch of 500 changes is one commit, and its numbers follow the order of its changes.";
            get_answers_in_the_order_of_the_ids:
                "`get` answers in the order of the ids, deleted records included, unknown ones left out.";
            get_takes_as_many_ids_as_the_trait_says:
                "`get` takes `MAX_IDS` ids at once.";
            a_deleted_row_is_read_only_where_it_is_asked_for:
                "Lists and counts hold live rows, deleted ones, or all, as asked; counters hold live ones.";
            what_was_committed_is_there_after_opening_again:
                "What a durable store acknowledged is there when the place is opened again; others begin empty.";
        }
        once {
            a_batch_committed_again_changes_nothing:
                "A batch under the same key and content changes nothing and answers as the first time.";
            a_replay_asks_for_no_expectation:
                "A replay is answered whatever has become of the records; key and content alone decide.";
            a_key_holds_one_content:
                "The same key with another content is refused and changes nothing.";
            a_failed_batch_leaves_its_key_free:
                "A batch that failed leaves no trace of its key.";
            an_empty_batch_takes_its_key:
                "A batch without changes takes its key as well.";
            a_create_under_a_key_makes_one_record:
                "Creating twice under one key makes one record and answers with it as it was made.";
            a_conversion_under_a_key_is_done_once:
                "Converting twice under one key converts once and answers with what is stored now.";
            what_a_replay_rests_on_may_be_gone:
                "A create is answered again even if it would be refused by now, until its record is erased.";
            many_records_under_a_key_are_made_once:
                "More than a thousand records under one key are made once and answered in order.";
        }
        counters {
            deltas_add_up:
                "What batches add to a counter adds up, with case told apart in keys.";
            a_counter_may_be_negative:
                "A counter may fall below 0.";
            a_counter_that_comes_to_nothing_is_gone:
                "A counter that is 0 is not stored, and can begin anew.";
            a_counter_reaches_the_ends_of_its_range:
                "A counter may be the least and the greatest number of 64 bits.";
            a_counter_never_leaves_its_range:
                "A batch that would take a counter out of its range, up or down, is refused.";
            totals_of_money_are_refused_beyond_their_range:
                "A lead whose value would take a total out of its range is refused, per stage and currency.";
            bounds_hold_after_the_batch:
                "A bound is checked after the batch's own deltas, both ends included.";
            a_batch_that_must_come_right_after_an_event_is_refused_after_any_other:
                "A batch that must follow an event is committed while that is the last, and refused after.";
            a_counter_that_is_not_stored_is_bounded_as_zero:
                "A counter that is not stored counts as 0 for a bound.";
            counters_are_read_by_name_and_range:
                "Counters are read by exact name and by a range of keys in the order of code points.";
            counters_come_in_the_order_of_name_and_key:
                "Counters come in the order of name and key by code point, each once.";
            no_name_asks_for_the_head_alone:
                "A query of no names answers with the log's head alone.";
            counters_follow_the_rows:
                "Create, change, delete, restore and erase leave the counters as the live rows make them.";
            a_list_without_a_filter_is_counted_by_the_counters:
                "A count of live records without a filter reads the counters and no record.";
            numbers_run_without_gaps:
                "Numbers run 1, 2, 3, ... in the order of the changes, and a failed batch takes none.";
            a_number_is_never_given_again:
                "A number is not given again after its record was deleted or erased.";
            a_record_keeps_its_number:
                "A record keeps its number through change, deletion and restoring.";
            objects_without_a_series_have_no_numbers:
                "Records of objects without a series get no number.";
        }
        constraints {
            every_unique_field_holds_each_value_once:
                "Every unique field of every object refuses a value that a live record has, and names the field.";
            missing_values_are_never_taken:
                "Any number of records may lack a unique value.";
            a_unique_value_is_compared_by_code_point:
                "Unique values that differ in case, accents or spaces are different.";
            a_record_keeps_its_own_unique_value:
                "A record that is changed keeps its unique value.";
            a_unique_value_that_is_given_up_is_free:
                "A unique value that a record gave up can be taken by another.";
            an_update_to_a_taken_value_is_refused:
                "An update to a unique value that another record has is refused.";
            deleting_frees_a_unique_value_and_restoring_needs_it:
                "A deleted record's unique value is free; restoring is refused while another has it.";
            deleted_records_share_a_unique_value:
                "Any number of deleted records may have the same unique value.";
            unique_values_are_held_within_a_batch:
                "Two records of one batch cannot share a unique value, but one can hand it on.";
            users_share_no_address_in_any_spelling:
                "Two users cannot have the same address in different case.";
            every_reference_must_lead_somewhere:
                "Every reference field of every object refuses an unknown id and names the field.";
            a_reference_may_lead_to_a_record_of_the_same_batch:
                "A reference may lead to a record that the same batch made before.";
            a_reference_may_lead_to_a_deleted_record:
                "For the store, a deleted record can be referred to; the façade refuses it.";
            deleting_what_is_referred_to_leaves_the_referring_records:
                "Deleting a record changes no record that refers to it.";
            derived_fields_are_stored_beside_their_source:
                "Normalized forms are stored beside what was entered.";
        }
        erasing {
            an_erased_record_is_gone:
                "An erased record is in no get, list or search, and others are untouched.";
            no_value_of_an_erased_record_stays_in_the_log:
                "Every old and new value of the record's events is blank; other records' events are untouched.";
            an_erasure_leaves_a_tombstone:
                "One event of kind erased and without values remains, with actor and time.";
            a_live_record_cannot_be_erased:
                "A live record cannot be erased.";
            what_is_not_there_cannot_be_erased:
                "An unknown or erased record cannot be erased, nor one under another kind.";
            a_record_that_others_refer_to_cannot_be_erased:
                "A record that a live or deleted record refers to cannot be erased, for every reference field.";
            erasing_counts_nothing_and_frees_nothing_twice:
                "Erasing changes no counter and frees no value that another record has meanwhile.";
            an_erased_id_can_be_made_anew:
                "An id whose record was erased counts as absent.";
            the_history_of_an_erased_record_is_blank:
                "The history of an erased record has its events without values.";
        }
        events {
            events_are_numbered_without_gaps:
                "A tenant's events are numbered 1, 2, 3, ... up to the head.";
            an_event_says_who_did_what_when:
                "An event has actor, request, time, object, record, version, kind and changes.";
            every_kind_of_actor_is_named:
                "Users, keys, jobs and the engine are told apart in the log.";
            an_event_keeps_old_and_new_values:
                "An event keeps the old and new value of each changed field, however long, in any script.";
            events_follow_the_order_of_the_changes:
                "The events of a batch are in the order of its changes.";
            events_are_read_from_and_up_to_a_number:
                "`after` and `before` bound the events read, both exclusive.";
            events_are_read_newest_first_if_asked:
                "`newest_first` turns the order before the limit cuts.";
            events_are_read_by_kind_of_record:
                "`object` keeps the events of one kind of record.";
            events_are_read_by_record:
                "`record` keeps the events of one record.";
            events_are_read_by_actor:
                "`actor` keeps what exactly this actor did.";
            a_read_of_the_log_is_bounded:
                "A read answers with at most as many events as asked, and never more than `MAX_EVENTS`.";
            secrets_stay_out_of_the_log:
                "The log says that a secret field changed, and not from or to what.";
            only_administrators_read_the_log:
                "The façade opens the log to administrators and owners alone.";
        }
        filters {
            texts_compare_by_code_point:
                "Every comparison of every text key, and its negation, agrees with the definition.";
            ids_compare:
                "Every comparison of every id key, and its negation, agrees with the definition.";
            times_compare_to_the_microsecond:
                "Every comparison of every time key, and its negation, agrees with the definition.";
            dates_compare:
                "Every comparison of every date key, and its negation, agrees with the definition.";
            amounts_and_numbers_compare:
                "Every comparison of every amount and number, and its negation, agrees with the definition.";
            flags_compare:
                "Every comparison of every flag, and its negation, agrees with the definition.";
            a_comparison_with_nothing_is_false_and_its_opposite_true:
                "A comparison with a missing value is false, so its negation is true, however nested.";
            nothing_to_hold_is_true_and_nothing_to_choose_from_false:
                "An empty `All` matches everything, an empty `Any` nothing.";
            filters_nest_in_any_way:
                "All, any and not nest in any way, search included.";
            a_filter_may_have_as_many_conditions_as_the_trait_says:
                "A filter of `MAX_CONDITIONS` conditions is answered, wide or deep.";
            one_of_takes_none_one_and_five_hundred_values:
                "`In` takes no value, one, the same twice, and `MAX_ONE_OF`.";
            a_prefix_is_taken_letter_by_letter:
                "A prefix has no wildcard and no quote, and minds case and accents.";
            an_empty_prefix_begins_every_text:
                "The empty prefix matches every text, and no missing one.";
            a_prefix_of_the_last_letter_finds_it:
                "Prefixes of the greatest code points, and of those beside the surrogates, are answered.";
            filters_and_search_narrow_together:
                "A search joins with filters by and, or and not.";
            a_count_is_of_what_a_list_holds:
                "A count is the length of the whole list, whatever its limit.";
            addresses_are_found_in_any_spelling:
                "E-mail addresses and phone numbers are found in any spelling.";
            what_cannot_be_asked_is_refused:
                "The façade refuses unknown keys, unfitting values, and what is too many or too long.";
        }
        paging {
            every_sortable_key_orders_every_object:
                "Every sortable key of every object orders it up and down, by the definition.";
            two_keys_order_in_any_directions:
                "Two keys order together in opposite directions.";
            nothing_sorts_lowest:
                "What has no value comes first upwards and last downwards, across pages.";
            equals_are_in_the_order_of_their_ids:
                "Rows equal in every key are in the order of their ids, in the direction of the last key.";
            pages_of_every_size_join_to_the_whole_list:
                "Pages of any size join to the whole list without gap or repeat.";
            a_filtered_list_pages_as_a_whole_one:
                "The same with a filter, a search, and of live, deleted or all rows.";
            a_page_says_whether_there_are_more:
                "A page says exactly whether rows follow it.";
            the_largest_page_holds_five_hundred:
                "A page of `MAX_PAGE` rows is answered.";
            a_place_need_not_be_taken:
                "A page may begin after a place at which no row stands any more.";
            paging_while_others_write_repeats_and_loses_nothing:
                "While others write, a reader of pages sees each row that stays exactly once.";
            a_changed_row_moves_to_its_new_place:
                "A row whose sort key changed stands at its new place.";
        }
        searching {
            accents_and_case_do_not_matter:
                "Search minds neither case nor accents nor width.";
            terms_of_any_length_are_found:
                "Terms of one, two, three and more letters are found.";
            a_term_is_found_anywhere_in_a_word:
                "A term is found at the beginning, in the middle and at the end of a word.";
            quotes_and_operators_are_letters:
                "Quotes, wildcards and every index's operators are letters like others.";
            letters_beyond_sixteen_bits_are_found:
                "Emoji and other letters of four bytes are found, alone and within words.";
            difficult_texts_are_found_by_their_parts:
                "Every difficult text is found by each of its parts.";
            each_term_must_occur:
                "Every term must occur, in any order and any field.";
            a_term_does_not_join_two_fields:
                "No term matches across the end of a field.";
            every_searchable_field_is_searched_and_no_other:
                "Search looks at each searchable field of each object, and at no other.";
            a_changed_text_is_found_by_its_new_words_alone:
                "After a change, the new words are found and the old are not.";
            a_change_of_other_fields_keeps_the_text:
                "A put without search text keeps the text as it is.";
            a_text_that_becomes_empty_is_found_no_more:
                "A record whose search text becomes empty is found by no term.";
            deleted_records_are_found_only_where_asked_for:
                "Search finds deleted records only if the list is of them, and restored ones again.";
            a_search_is_of_one_kind_of_record:
                "A search of one kind of record finds no other with the same id.";
            a_search_sorts_and_pages_like_a_list:
                "What a search finds sorts and pages like any list.";
            nothing_to_search_for_finds_everything:
                "A search without terms finds everything.";
            long_searches_are_answered:
                "Searches of the greatest length and of many terms are answered.";
            a_large_tenant_is_searched_as_a_small_one:
                "In a tenant of 25,000 rows, and beside one, search finds what the definition says.";
        }
        values {
            every_kind_of_value_reads_back:
                "Values of every field of every object read back as they were written.";
            texts_read_back_letter_by_letter:
                "Text in any script, with quotes, marks and invisible letters, reads back unchanged.";
            long_texts_read_back_whole:
                "The longest texts read back whole.";
            line_breaks_and_tabs_read_back:
                "Line breaks and tabs read back as they were.";
            amounts_read_back_at_the_edges:
                "Amounts of money read back exactly, up to the greatest number of 64 bits.";
            a_store_does_not_judge_amounts:
                "Negative amounts, which the engine refuses for prices, are stored all the same.";
            moments_read_back_to_the_microsecond:
                "Moments of the years 1 to 9999 read back to the microsecond, system fields included.";
            the_time_of_a_commit_reads_back:
                "Events carry the time of their commit, of any year, and stay in the order of commit.";
            days_read_back_at_the_edges:
                "Days of the years 1 to 9999 read back.";
            lists_and_structures_read_back:
                "Lists and nested structures read back, with every kind of JSON value.";
            ids_of_any_version_read_back:
                "Ids of any bits read back, and are ordered by their bytes.";
            versions_read_back_at_the_edges:
                "Versions up to the greatest read back and can be expected.";
            a_record_made_of_its_row_is_the_record:
                "A record and its row are made of each other without loss.";
        }
        concurrency {
            numbers_and_events_of_many_writers_are_gapless:
                "Under 32 writers, numbers and events run 1, 2, 3, ... and those of a batch stand together.";
            no_update_is_lost:
                "32 tasks that change one record over and over lose no change.";
            edits_of_one_record_all_come_through:
                "Update closures of several tasks on one record all take effect.";
            of_many_with_one_unique_value_one_wins:
                "Of 32 that take the same unique value at the same time, exactly one gets it.";
            of_many_updates_to_one_version_one_wins:
                "Of 32 changes that expect the same version, exactly one is made, the one that was told so.";
            concurrent_twins_of_a_key_have_one_effect:
                "32 batches under one key at the same time have one effect and one answer.";
            of_many_founders_one_founds:
                "Of 32 that found the same tenant, exactly one does.";
            no_reader_sees_half_a_batch:
                "A read sees all changes of a batch or none.";
            figures_are_of_one_moment:
                "Counters and the head that comes with them are of one moment.";
            a_reader_of_the_log_misses_nothing:
                "A reader of the log never sees event n + 1 before event n.";
            what_was_acknowledged_is_read_at_once:
                "Whatever a commit answered for is in every read that begins afterwards.";
            tenants_write_at_the_same_time:
                "Writers of several tenants do not get in each other's numbers.";
            counters_of_many_writers_keep_their_bounds:
                "Writers that together would break a bound do not.";
            two_owners_cannot_both_step_down:
                "The last two owners cannot both go at the same time.";
            two_contacts_cannot_both_be_primary:
                "Contacts that become primary at the same time leave one primary.";
            no_lead_enters_a_stage_that_goes_away:
                "A lead cannot enter a stage while the stage is removed.";
            a_reference_and_an_erasure_do_not_both_succeed:
                "A record cannot be erased while another begins to refer to it.";
            a_check_holds_against_writers:
                "Nothing that rests on a checked version is committed after the version changed.";
        }
        rules {
            all_faults_of_an_input_are_told_at_once:
                "All faults of an input are told at once, each with its JSON pointer.";
            what_is_required_must_be_given:
                "Required fields, and one of those of which one is required, must be given.";
            text_is_trimmed_and_composed:
                "Text is trimmed, in NFC, and nothing where it is empty.";
            control_characters_are_refused:
                "Control characters are refused, but for line breaks and tabs in texts of several lines.";
            lengths_are_counted_in_characters:
                "Lengths are counted in characters, not bytes.";
            labels_are_trimmed_and_told_apart:
                "Labels are trimmed, and each is kept once.";
            what_is_left_out_takes_its_default:
                "What an input leaves out takes its default.";
            wrong_types_and_ranges_are_refused:
                "Values of the wrong type or out of range are refused at their field.";
            a_patch_replaces_what_it_names:
                "A patch replaces what it names, removes what it names as null, and keeps the rest.";
            required_fields_cannot_be_patched_away:
                "A patch cannot take a required field away.";
            a_patch_minds_the_expected_version:
                "A patch or delete that expects another version is refused.";
            an_unchanged_update_writes_nothing:
                "An update that changes nothing writes nothing and keeps the version.";
            deleted_records_rest_until_restored:
                "A deleted record is not there for reads and writes until it is restored.";
            a_record_is_restored_only_if_it_still_fits:
                "Restoring asks the rules again.";
            a_customer_has_one_primary_contact:
                "A customer has at most one primary contact, however one becomes it.";
            many_are_made_together_or_not_at_all:
                "Many records are made together, or every fault of each is told.";
            many_are_read_in_order:
                "Many live records are read in the order of their ids.";
            interactions_come_newest_first:
                "Interactions of a customer or lead come newest first.";
            a_check_tells_without_writing:
                "A check tells the faults that a create would, and writes nothing.";
        }
        leads {
            a_tenant_begins_with_the_default_stages:
                "A new tenant has the six default stages, and a new lead is in the first.";
            closing_a_lead_notes_the_moment:
                "Entering a closing stage notes when, leaving it forgets, moving between two keeps.";
            a_stage_must_be_one_of_the_pipeline:
                "A lead can only be in a stage of its tenant's pipeline.";
            a_converted_lead_becomes_a_new_customer:
                "Converting makes a customer of the lead's data and closes the lead as won, in one commit.";
            a_lead_is_converted_into_the_customer_named:
                "Converting links the customer given, else the one linked; an unknown one is refused.";
            a_lead_is_converted_into_the_customer_that_fits:
                "Converting finds the oldest live customer of the same address, else of the same company.";
            a_won_and_linked_lead_stays_as_it_is:
                "Converting again writes nothing.";
            a_lead_without_a_name_cannot_become_a_customer:
                "A lead without company and name can only be linked.";
            a_stage_in_use_cannot_be_taken_away:
                "A stage with leads in it cannot be removed, opened or closed.";
            a_pipeline_must_make_sense:
                "A pipeline has stages of each kind with distinct keys, and cannot be deleted.";
            the_stage_history_tells_how_long:
                "The stage history tells when a lead entered and left each stage, and how long it was there.";
            the_figures_add_up:
                "The overview counts and sums the live leads by stage, source and currency.";
        }
        days {
            a_series_has_a_point_for_every_bucket_of_its_period:
                "A series by day, week or month has a point for every bucket, empty ones too, and counts no other day.";
            each_metric_counts_what_it_is_named_for:
                "Leads made, won and lost, what was won, customers, interactions by type and tasks done are counted by day.";
            days_are_those_where_the_tenant_is:
                "A moment counts on the day that it is in the tenant's time zone, also when clocks change.";
            another_time_zone_turns_every_figure_to_its_days:
                "Another time zone turns every figure by day to its days, and back, with nothing to verify.";
            an_unknown_time_zone_is_refused:
                "A time zone that nobody knows is refused, for a tenant that is there and for a new one.";
            writers_and_a_move_of_the_calendar_leave_no_difference:
                "While others write, the calendar moves between their changes or not at all, and no writer is refused.";
        }
        closing {
            a_funnel_counts_a_lead_once_per_stage:
                "A lead counts once per stage, on the day of its first entry, and goes on once, wherever it goes then.";
            velocity_tells_how_long_closed_leads_took:
                "Velocity tells median and mean, in each stage and in all, of the leads that were closed in the period.";
            a_reopened_lead_is_out_of_velocity_until_it_is_closed_again:
                "A lead that is reopened or deleted is in no velocity until it is closed again or restored.";
            velocity_is_of_every_closed_lead_however_many:
                "Velocity is of every lead that was closed, over all pages of them.";
            cohorts_tell_what_became_of_each_month:
                "Cohorts tell how many of each month's leads are won, lost and open by now.";
            a_forecast_weighs_what_is_open:
                "A forecast sums open leads by month and currency, weighted by the probability of their stages.";
            the_leaderboard_puts_who_won_most_first:
                "The leaderboard is in order of what each won, tells names, and follows a lead to its new owner.";
            sources_and_owners_tell_how_their_leads_stand:
                "The overview tells of each source and owner how many leads are open, won and lost.";
        }
        figures {
            deleted_records_leave_every_figure_and_restored_ones_are_back:
                "A deleted record is in no figure, and a restored one is back in each where it was.";
            figures_follow_the_stages_as_they_are_defined:
                "Figures follow the kind, probability, name and order of stages, and a stage in use stays.";
            going_on_is_by_the_order_of_the_stages_of_then:
                "Whether a lead has gone on is by the order of the stages when it did.";
            figures_are_of_the_tenant_alone:
                "No figure is changed by another tenant, and of a tenant that is not there is none.";
        }
        moving_in {
            what_is_brought_in_counts_where_it_was:
                "Leads and customers that are brought in count on the days of their past.";
            only_who_may_import_brings_a_past:
                "Whoever may not import brings in nothing.";
            a_past_must_be_over_and_in_order:
                "A past in the future or in the wrong order is refused at its field, for each record.";
            a_lead_is_not_closed_before_it_was_made:
                "A lead that says no more than when it was closed cannot have been closed before now.";
            a_past_is_kept_to_the_microsecond:
                "The times of a past read back as they were answered, to the microsecond, and are of the years from 1 on.";
            a_lead_that_comes_back_is_closed_as_its_stage_is:
                "A lead that is restored to a stage that closes by now, or no longer does, is closed or open like it.";
            what_another_process_defines_is_known_at_once:
                "Stages and time zone that were set through another engine on the store hold for the next change.";
        }
        tasks {
            a_task_that_is_done_says_when:
                "A task that is done says when, and forgets it when it is opened again.";
            a_task_belongs_to_one_record_at_most:
                "A task is about a customer, a lead, a project, or none, and never about two.";
            a_task_is_given_to_active_users_alone:
                "A task cannot be given to a user who is not active, and stays with one who was.";
            a_task_is_due_and_overdue_by_the_days_of_the_tenant:
                "The agenda tells what is mine, due today and overdue, by the days of the tenant.";
            a_project_is_not_due_before_it_begins:
                "A project cannot be due before the day on which it begins.";
            projects_and_tasks_are_counted_as_they_stand:
                "The overview counts projects by status and tasks that are open or overdue.";
            a_host_tells_its_own_figures_about_projects:
                "A host's own figures about projects replace the engine's, and nothing else.";
        }
        roles {
            every_operation_asks_the_table:
                "Every operation on every kind of record is open to exactly the roles of the table.";
            the_table_is_the_one_written_down:
                "Each action on each kind of record has the least role that the documentation says.";
            what_is_forbidden_writes_nothing:
                "A refusal for lack of permission comes before anything is written.";
            administrators_cannot_make_or_break_owners:
                "Only owners make, change, delete and restore owners.";
            a_tenant_keeps_an_active_owner:
                "The last active owner can be neither demoted nor deactivated nor deleted.";
        }
        cursors {
            a_cursor_goes_on_where_the_page_ended:
                "A cursor goes on where its page ended, with any limit and actor, as often as wanted.";
            a_cursor_belongs_to_its_query:
                "A cursor is refused by another filter, order, search, visibility or kind of record.";
            a_cursor_belongs_to_its_tenant:
                "A cursor is refused in another tenant.";
            a_changed_cursor_is_refused:
                "A cursor that is changed in any letter, cut or made up is refused.";
            cursors_carry_every_kind_of_value:
                "Cursors carry missing values, amounts, days, moments and any text.";
        }
        history {
            a_history_is_newest_first:
                "A record's history is newest first, page by page, for deleted records too.";
            only_what_was_there_has_a_history:
                "A record that never was has no history.";
            a_sound_tenant_verifies:
                "Verifying a tenant after all kinds of work reports no difference.";
            a_wrong_counter_is_found:
                "Verifying finds a counter that is not what the rows make.";
            tenants_are_listed_and_found_by_slug:
                "Tenants are listed, found by slug, and share neither slug nor id.";
            memberships_follow_the_users:
                "An address leads to its users in every tenant, and follows when it changes.";
            sessions_end:
                "A sign-in ends when it is closed, expires, or the password changes.";
        }
        following {
            a_follower_is_told_each_event_once_in_order:
                "A follower is told each event once and in order, from any number on, while others write.";
            a_follower_is_told_nothing_of_another_tenant:
                "A follower is told nothing of another tenant.";
            a_follower_is_told_what_its_role_may_read:
                "A follower is told of the kinds of records that its role may read, and of no others.";
            what_was_erased_is_not_told_any_more:
                "What was logged of an erased record is not told to whoever follows from before.";
            a_key_gives_no_more_than_its_maker_has:
                "An API key has no higher role than whoever makes it, works in its tenant alone, and until it is revoked.";
            no_session_outlives_the_password_it_was_opened_with:
                "A sign-in is not opened by a password that has changed meanwhile.";
        }
    } };
}
