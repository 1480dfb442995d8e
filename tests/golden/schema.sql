CREATE SCHEMA snapledger;
CREATE SCHEMA snapledger_keys;
CREATE FUNCTION snapledger.lot_is_sound(first_position smallint, last_position smallint, event_count integer, state smallint, queue smallint, exceptional_state smallint, final_time timestamp with time zone, in_doubt_since timestamp with time zone, last_attempt_id uuid, lease_end_time timestamp with time zone, late_success boolean, isolation_group uuid, isolation_stage smallint) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    AS $$
begin
  if first_position < 0 or first_position > last_position or event_count < 1 or event_count > 2000
    or isolation_stage < 0 or isolation_stage > 3 then
    return false;
  elsif state = 1 then  -- PENDING: waits in a queue, or is set aside
    return in_doubt_since is null and final_time is null and not late_success
      and queue between 0 and 3 and (queue = 3) = (isolation_group is not null and queue > 0)
      and exceptional_state is not distinct from case when queue = 0 then state end;
  elsif state = 2 then  -- IN_FLIGHT: has an attempt, and a lease that ends
    return queue = 0 and final_time is null and exceptional_state is null
      and last_attempt_id is not null and lease_end_time is not null;
  elsif state = 4 then  -- DELIVERED
    return queue = 0 and final_time is not null and exceptional_state is null;
  elsif state = 3 then  -- IN_DOUBT: waits in a queue, or is set aside
    return in_doubt_since is not null and final_time is null and not late_success
      and queue between 0 and 3 and (queue = 3) = (isolation_group is not null and queue > 0)
      and exceptional_state is not distinct from case when queue = 0 then state end;
  end if;
  -- Final in another way. Doubt is sticky: what was in doubt never becomes REJECTED (5), EXPIRED
  -- (6) or EXHAUSTED (8), and nothing else becomes EXPIRED_IN_DOUBT (7).
  return state between 5 and 10 and queue = 0 and final_time is not null and not late_success
    and exceptional_state is not distinct from state
    and (in_doubt_since is null or state not in (5, 6, 8))
    and (in_doubt_since is not null or state <> 7);
end
$$;
CREATE FUNCTION snapledger.server_life() RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select extract(epoch from pg_postmaster_start_time())
    || ' ' || pg_relation_filepath('lot_id_block')
$$;
CREATE TABLE snapledger.attempt (
    attempt_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    sent_time timestamp with time zone DEFAULT now() NOT NULL,
    lease_end_time timestamp with time zone NOT NULL,
    recorded_time timestamp with time zone,
    late_recorded_time timestamp with time zone,
    shard integer NOT NULL,
    event_count integer NOT NULL,
    outcome smallint DEFAULT 0 NOT NULL,
    late_outcome smallint,
    verdict_source smallint DEFAULT 0 NOT NULL,
    http_status smallint DEFAULT 0 NOT NULL,
    from_state smallint NOT NULL,
    to_state smallint DEFAULT 2 NOT NULL,
    body_sha256 bytea NOT NULL,
    token_id text NOT NULL,
    snap_status text DEFAULT ''::text NOT NULL,
    snap_reason text DEFAULT ''::text NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    state_reason text DEFAULT ''::text NOT NULL,
    left_count integer DEFAULT 0 NOT NULL,
    CONSTRAINT attempt_check CHECK (((outcome = 0) = (recorded_time IS NULL))),
    CONSTRAINT attempt_left_count_check CHECK ((left_count >= 0)),
    CONSTRAINT attempt_outcome_check CHECK (((outcome >= 0) AND (outcome <= 6)))
)
WITH (fillfactor='70');
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN attempt_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN batch_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN sent_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN lease_end_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN recorded_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN late_recorded_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN shard SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN event_count SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN outcome SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN late_outcome SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN verdict_source SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN http_status SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN from_state SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN to_state SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN body_sha256 SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN token_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN snap_status SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN snap_reason SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN error SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN state_reason SET STATISTICS 20;
ALTER TABLE ONLY snapledger.attempt ALTER COLUMN left_count SET STATISTICS 20;
CREATE TABLE snapledger.audit_entry (
    sequence bigint NOT NULL,
    entry_time timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    detail_json text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_entry_sequence_check CHECK ((sequence >= 1))
);
CREATE TABLE snapledger.audit_head (
    id integer NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    entry_time timestamp with time zone NOT NULL,
    CONSTRAINT audit_head_id_check CHECK ((id = 1))
)
WITH (fillfactor='50');
CREATE TABLE snapledger.batch (
    batch_id uuid NOT NULL,
    shard integer NOT NULL,
    event_count integer NOT NULL,
    lot_ids bigint[] NOT NULL,
    first_positions smallint[] NOT NULL,
    last_positions smallint[] NOT NULL,
    fences bigint[] NOT NULL,
    previous_attempt_ids uuid[] NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='10000', autovacuum_freeze_min_age='0');
ALTER TABLE ONLY snapledger.batch ALTER COLUMN batch_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.batch ALTER COLUMN shard SET STATISTICS 20;
ALTER TABLE ONLY snapledger.batch ALTER COLUMN event_count SET STATISTICS 20;
ALTER TABLE ONLY snapledger.batch ALTER COLUMN lot_ids SET STATISTICS 0;
ALTER TABLE ONLY snapledger.batch ALTER COLUMN first_positions SET STATISTICS 0;
ALTER TABLE ONLY snapledger.batch ALTER COLUMN last_positions SET STATISTICS 0;
ALTER TABLE ONLY snapledger.batch ALTER COLUMN fences SET STATISTICS 0;
ALTER TABLE ONLY snapledger.batch ALTER COLUMN previous_attempt_ids SET STATISTICS 0;
CREATE TABLE snapledger.counter_progress (
    shard integer NOT NULL,
    folded_through timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);
CREATE TABLE snapledger.coverage_rollup (
    period_start timestamp with time zone NOT NULL,
    shard integer NOT NULL,
    name_label integer NOT NULL,
    source_label integer NOT NULL,
    stage smallint NOT NULL,
    grain smallint NOT NULL,
    action_source smallint NOT NULL,
    sets bytea NOT NULL,
    CONSTRAINT coverage_rollup_grain_check CHECK ((grain = ANY (ARRAY[1, 2]))),
    CONSTRAINT coverage_rollup_sets_check CHECK (((octet_length(sets) % 12) = 0))
)
WITH (fillfactor='70');
ALTER TABLE ONLY snapledger.coverage_rollup ALTER COLUMN sets SET STORAGE EXTERNAL;
CREATE TABLE snapledger.destination (
    destination_number integer NOT NULL,
    destination_id text NOT NULL,
    kind smallint NOT NULL,
    display_name text NOT NULL,
    max_requests_per_second double precision NOT NULL,
    max_events_per_request integer NOT NULL,
    max_in_flight_requests integer NOT NULL,
    default_phone_region text NOT NULL,
    max_age_web_ms bigint NOT NULL,
    max_age_mobile_app_ms bigint NOT NULL,
    max_age_offline_ms bigint NOT NULL,
    dedup_window_ms bigint NOT NULL,
    purchase_dedup_window_ms bigint NOT NULL,
    limited_data_literal text NOT NULL,
    unspecified_consent smallint NOT NULL,
    test_mode boolean NOT NULL,
    test_event_code text NOT NULL,
    request_timeout_ms bigint NOT NULL,
    gzip_requests boolean NOT NULL,
    lane_count integer NOT NULL,
    pause_kind smallint DEFAULT 0 NOT NULL,
    paused_reason text DEFAULT ''::text NOT NULL,
    create_time timestamp with time zone DEFAULT now() NOT NULL,
    update_time timestamp with time zone DEFAULT now() NOT NULL,
    delete_time timestamp with time zone,
    CONSTRAINT destination_kind_check CHECK ((kind = ANY (ARRAY[1, 2]))),
    CONSTRAINT destination_lane_count_check CHECK (((lane_count >= 1) AND (lane_count <= 64))),
    CONSTRAINT destination_max_events_per_request_check CHECK (((max_events_per_request >= 1) AND (max_events_per_request <= 2000))),
    CONSTRAINT destination_max_in_flight_requests_check CHECK ((max_in_flight_requests > 0)),
    CONSTRAINT destination_max_requests_per_second_check CHECK ((max_requests_per_second > (0)::double precision)),
    CONSTRAINT destination_pause_kind_check CHECK (((pause_kind >= 0) AND (pause_kind <= 2)))
);
ALTER TABLE snapledger.destination ALTER COLUMN destination_number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME snapledger.destination_destination_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE snapledger.destination_token (
    destination_number integer NOT NULL,
    token_id text NOT NULL,
    sealed bytea NOT NULL,
    create_time timestamp with time zone DEFAULT now() NOT NULL,
    last_success_time timestamp with time zone,
    last_failure_time timestamp with time zone
);
CREATE TABLE snapledger.former_lane_count (
    destination_number integer NOT NULL,
    lane_count integer NOT NULL,
    until_time timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT former_lane_count_lane_count_check CHECK (((lane_count >= 1) AND (lane_count <= 64)))
);
CREATE TABLE snapledger.identity (
    event_key uuid NOT NULL,
    lot_id bigint NOT NULL,
    content_digest bigint NOT NULL,
    event_time timestamp with time zone NOT NULL,
    shard integer NOT NULL,
    partition_number integer NOT NULL,
    name_label integer NOT NULL,
    source_label integer NOT NULL,
    usable smallint NOT NULL,
    "position" smallint NOT NULL
)
PARTITION BY LIST (partition_number);
ALTER TABLE ONLY snapledger.identity ALTER COLUMN event_key SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN lot_id SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN content_digest SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN event_time SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN shard SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN partition_number SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN name_label SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN source_label SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN usable SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity ALTER COLUMN "position" SET STATISTICS 0;
CREATE TABLE snapledger.identity_1 (
    event_key uuid NOT NULL,
    lot_id bigint NOT NULL,
    content_digest bigint NOT NULL,
    event_time timestamp with time zone NOT NULL,
    shard integer NOT NULL,
    partition_number integer NOT NULL,
    name_label integer NOT NULL,
    source_label integer NOT NULL,
    usable smallint NOT NULL,
    "position" smallint NOT NULL
)
WITH (autovacuum_freeze_min_age='0');
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN event_key SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN lot_id SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN content_digest SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN event_time SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN shard SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN partition_number SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN name_label SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN source_label SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN usable SET STATISTICS 0;
ALTER TABLE ONLY snapledger.identity_1 ALTER COLUMN "position" SET STATISTICS 0;
CREATE TABLE snapledger.identity_appender (
    partition_number integer NOT NULL,
    appender_id uuid NOT NULL
);
CREATE TABLE snapledger.identity_filter (
    partition_number integer NOT NULL,
    format smallint NOT NULL,
    key_count bigint NOT NULL,
    filter bytea NOT NULL,
    filter_sha256 bytea NOT NULL,
    CONSTRAINT identity_filter_filter_sha256_check CHECK ((octet_length(filter_sha256) = 32))
);
ALTER TABLE ONLY snapledger.identity_filter ALTER COLUMN filter SET STORAGE EXTERNAL;
CREATE TABLE snapledger.identity_partition (
    partition_number integer NOT NULL,
    open_time timestamp with time zone DEFAULT now() NOT NULL,
    close_time timestamp with time zone
);
CREATE TABLE snapledger.identity_roll (
    id integer NOT NULL,
    open_partition_number integer NOT NULL,
    lane_epoch bigint DEFAULT 0 NOT NULL,
    CONSTRAINT identity_roll_id_check CHECK ((id = 1))
);
CREATE TABLE snapledger.label (
    label_number integer NOT NULL,
    kind smallint NOT NULL,
    label_text text NOT NULL,
    CONSTRAINT label_kind_check CHECK ((kind = ANY (ARRAY[1, 2])))
);
ALTER TABLE snapledger.label ALTER COLUMN label_number ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME snapledger.label_label_number_seq
    START WITH 100
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE snapledger.lot (
    lot_id bigint NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    next_attempt_time timestamp with time zone NOT NULL,
    received_time timestamp with time zone DEFAULT now() NOT NULL,
    oldest_event_time timestamp with time zone NOT NULL,
    lease_end_time timestamp with time zone,
    first_sent_time timestamp with time zone,
    in_doubt_since timestamp with time zone,
    final_time timestamp with time zone,
    shard integer NOT NULL,
    event_count integer NOT NULL,
    json_bytes integer NOT NULL,
    attempt_count integer DEFAULT 0 NOT NULL,
    first_position smallint NOT NULL,
    last_position smallint NOT NULL,
    state smallint NOT NULL,
    queue smallint NOT NULL,
    definite_failures smallint DEFAULT 0 NOT NULL,
    vanished_owners smallint DEFAULT 0 NOT NULL,
    last_attempt_id uuid,
    isolation_group uuid,
    rollup bytea NOT NULL,
    state_reason text DEFAULT ''::text NOT NULL,
    exceptional_state smallint,
    isolation_stage smallint DEFAULT 0 NOT NULL,
    late_success boolean DEFAULT false NOT NULL,
    CONSTRAINT lot_is_sound CHECK (snapledger.lot_is_sound(first_position, last_position, event_count, state, queue, exceptional_state, final_time, in_doubt_since, last_attempt_id, lease_end_time, late_success, isolation_group, isolation_stage))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='1');
ALTER TABLE ONLY snapledger.lot ALTER COLUMN lot_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN fence SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN next_attempt_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN received_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN oldest_event_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN lease_end_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN first_sent_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN in_doubt_since SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN final_time SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN shard SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN shard SET (n_distinct=1);
ALTER TABLE ONLY snapledger.lot ALTER COLUMN event_count SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN json_bytes SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN attempt_count SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN first_position SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN last_position SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN state SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN queue SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN definite_failures SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN vanished_owners SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN last_attempt_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN isolation_group SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN rollup SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN state_reason SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN exceptional_state SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN isolation_stage SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot ALTER COLUMN late_success SET STATISTICS 20;
CREATE TABLE snapledger.lot_id_block (
    id integer NOT NULL,
    next_lot_id bigint NOT NULL,
    CONSTRAINT lot_id_block_id_check CHECK ((id = 1))
);
CREATE TABLE snapledger.lot_lookup (
    shard integer NOT NULL,
    lot_id bigint NOT NULL,
    keys bigint[] NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='10000', autovacuum_freeze_min_age='0', toast.autovacuum_vacuum_insert_scale_factor='0', toast.autovacuum_vacuum_insert_threshold='10000', toast.autovacuum_freeze_min_age='0');
ALTER TABLE ONLY snapledger.lot_lookup ALTER COLUMN shard SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot_lookup ALTER COLUMN lot_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot_lookup ALTER COLUMN keys SET STATISTICS 0;
ALTER TABLE ONLY snapledger.lot_lookup ALTER COLUMN keys SET STORAGE EXTERNAL;
CREATE TABLE snapledger.lot_payload (
    shard integer NOT NULL,
    lot_id bigint NOT NULL,
    payload bytea NOT NULL,
    piece_bounds integer[] DEFAULT '{}'::integer[] NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='10000', autovacuum_freeze_min_age='0', toast.autovacuum_vacuum_insert_scale_factor='0', toast.autovacuum_vacuum_insert_threshold='10000', toast.autovacuum_freeze_min_age='0');
ALTER TABLE ONLY snapledger.lot_payload ALTER COLUMN shard SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot_payload ALTER COLUMN lot_id SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot_payload ALTER COLUMN payload SET STATISTICS 20;
ALTER TABLE ONLY snapledger.lot_payload ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE ONLY snapledger.lot_payload ALTER COLUMN piece_bounds SET STATISTICS 0;
CREATE TABLE snapledger.match_observation (
    destination_number integer NOT NULL,
    observation_id uuid NOT NULL,
    record_time timestamp with time zone DEFAULT now() NOT NULL,
    window_start timestamp with time zone NOT NULL,
    window_end timestamp with time zone NOT NULL,
    matched bigint NOT NULL,
    total bigint NOT NULL,
    kinds integer NOT NULL,
    event_name text NOT NULL,
    source text NOT NULL,
    evidence text NOT NULL,
    evidence_sha256 bytea NOT NULL,
    evidence_key bytea NOT NULL,
    recorded_by text NOT NULL,
    CONSTRAINT match_observation_check CHECK ((window_start < window_end)),
    CONSTRAINT match_observation_check1 CHECK (((total > 0) AND ((matched >= 0) AND (matched <= total)))),
    CONSTRAINT match_observation_evidence_key_check CHECK ((octet_length(evidence_key) = 32)),
    CONSTRAINT match_observation_evidence_sha256_check CHECK ((octet_length(evidence_sha256) = ANY (ARRAY[0, 32]))),
    CONSTRAINT match_observation_kinds_check CHECK (((kinds >= 0) AND (kinds <= 32767)))
);
CREATE TABLE snapledger.pace (
    destination_number integer NOT NULL,
    rate_share double precision DEFAULT 1 NOT NULL,
    rate_decrease_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    rate_increase_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    breaker_state smallint DEFAULT 0 NOT NULL,
    breaker_change_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    openings integer DEFAULT 0 NOT NULL,
    trial_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    trial_attempt_id uuid,
    CONSTRAINT pace_breaker_state_check CHECK (((breaker_state >= 0) AND (breaker_state <= 2))),
    CONSTRAINT pace_rate_share_check CHECK (((rate_share > (0)::double precision) AND (rate_share <= (1)::double precision)))
)
WITH (fillfactor='50');
CREATE TABLE snapledger.quality_answer (
    destination_number integer NOT NULL,
    first_fetched_time timestamp with time zone DEFAULT now() NOT NULL,
    last_fetched_time timestamp with time zone DEFAULT now() NOT NULL,
    http_status smallint NOT NULL,
    parser_version smallint NOT NULL,
    understood boolean NOT NULL,
    answer_sha256 bytea NOT NULL,
    answer text NOT NULL,
    error text NOT NULL
);
CREATE TABLE snapledger.quality_score (
    destination_number integer NOT NULL,
    first_fetched_time timestamp with time zone NOT NULL,
    place integer NOT NULL,
    event_name text NOT NULL,
    event_source text NOT NULL,
    score text NOT NULL,
    priority text NOT NULL,
    recommendation_code text NOT NULL,
    title text NOT NULL
);
CREATE TABLE snapledger.quality_turn (
    destination_number integer NOT NULL,
    next_time timestamp with time zone NOT NULL
);
CREATE TABLE snapledger.receipt_observation (
    destination_number integer NOT NULL,
    observation_time timestamp with time zone DEFAULT now() NOT NULL,
    expected bigint NOT NULL,
    expected_least bigint NOT NULL,
    expected_most bigint NOT NULL,
    reported bigint,
    latest_event_time timestamp with time zone,
    verdict smallint NOT NULL,
    diverging boolean NOT NULL,
    http_status smallint NOT NULL,
    answer text NOT NULL,
    CONSTRAINT receipt_observation_check CHECK (((verdict = 1) = (reported IS NULL))),
    CONSTRAINT receipt_observation_verdict_check CHECK (((verdict >= 1) AND (verdict <= 5)))
);
CREATE TABLE snapledger.receipt_turn (
    destination_number integer NOT NULL,
    next_time timestamp with time zone NOT NULL
);
CREATE TABLE snapledger.schema_lock (
    id integer NOT NULL,
    CONSTRAINT schema_lock_id_check CHECK ((id = 1))
);
CREATE TABLE snapledger.schema_migration (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_time timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE snapledger.shard (
    shard integer NOT NULL,
    destination_number integer NOT NULL,
    lane smallint NOT NULL,
    last_send_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    shut_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    paused boolean DEFAULT false NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE snapledger.shard ALTER COLUMN shard ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME snapledger.shard_shard_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE snapledger.state_counter (
    shard integer NOT NULL,
    state smallint NOT NULL,
    event_count bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE snapledger.transition (
    transition_time timestamp with time zone DEFAULT now() NOT NULL,
    lot_id bigint NOT NULL,
    transition_id uuid NOT NULL,
    shard integer NOT NULL,
    event_count integer NOT NULL,
    first_position smallint NOT NULL,
    last_position smallint NOT NULL,
    from_state smallint NOT NULL,
    to_state smallint NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    verdict_source smallint DEFAULT 0 NOT NULL,
    snap_reason text DEFAULT ''::text NOT NULL
);
CREATE TABLE snapledger.value_progress (
    shard integer NOT NULL,
    counted_lot_id bigint DEFAULT 0 NOT NULL,
    counted_time timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    next_turn_time timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE snapledger.value_sketch (
    day timestamp with time zone NOT NULL,
    shard integer NOT NULL,
    kind smallint NOT NULL,
    sketch bytea NOT NULL,
    CONSTRAINT value_sketch_kind_check CHECK (((kind >= 1) AND (kind <= 15)))
);
CREATE TABLE snapledger_keys.data_key (
    data_key_number integer NOT NULL,
    key_day date NOT NULL,
    wrapped bytea NOT NULL,
    create_time timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE snapledger_keys.data_key ALTER COLUMN data_key_number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME snapledger_keys.data_key_data_key_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY snapledger.identity ATTACH PARTITION snapledger.identity_1 FOR VALUES IN (1);
ALTER TABLE ONLY snapledger.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (shard, attempt_id);
ALTER TABLE ONLY snapledger.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY snapledger.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY snapledger.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (shard, batch_id);
ALTER TABLE ONLY snapledger.counter_progress
    ADD CONSTRAINT counter_progress_pkey PRIMARY KEY (shard);
ALTER TABLE ONLY snapledger.coverage_rollup
    ADD CONSTRAINT coverage_rollup_pkey PRIMARY KEY (shard, stage, grain, period_start, name_label, source_label, action_source);
ALTER TABLE ONLY snapledger.destination
    ADD CONSTRAINT destination_destination_id_key UNIQUE (destination_id);
ALTER TABLE ONLY snapledger.destination
    ADD CONSTRAINT destination_pkey PRIMARY KEY (destination_number);
ALTER TABLE ONLY snapledger.destination_token
    ADD CONSTRAINT destination_token_pkey PRIMARY KEY (destination_number, token_id);
ALTER TABLE ONLY snapledger.former_lane_count
    ADD CONSTRAINT former_lane_count_pkey PRIMARY KEY (destination_number, lane_count);
ALTER TABLE ONLY snapledger.identity
    ADD CONSTRAINT identity_pkey PRIMARY KEY (shard, event_key, partition_number);
ALTER TABLE ONLY snapledger.identity_1
    ADD CONSTRAINT identity_1_pkey PRIMARY KEY (shard, event_key, partition_number);
ALTER TABLE ONLY snapledger.identity_appender
    ADD CONSTRAINT identity_appender_pkey PRIMARY KEY (partition_number, appender_id);
ALTER TABLE ONLY snapledger.identity_filter
    ADD CONSTRAINT identity_filter_pkey PRIMARY KEY (partition_number, format);
ALTER TABLE ONLY snapledger.identity_partition
    ADD CONSTRAINT identity_partition_pkey PRIMARY KEY (partition_number);
ALTER TABLE ONLY snapledger.identity_roll
    ADD CONSTRAINT identity_roll_pkey PRIMARY KEY (id);
ALTER TABLE ONLY snapledger.label
    ADD CONSTRAINT label_kind_label_text_key UNIQUE (kind, label_text);
ALTER TABLE ONLY snapledger.label
    ADD CONSTRAINT label_pkey PRIMARY KEY (label_number);
ALTER TABLE ONLY snapledger.lot_id_block
    ADD CONSTRAINT lot_id_block_pkey PRIMARY KEY (id);
ALTER TABLE ONLY snapledger.lot_lookup
    ADD CONSTRAINT lot_lookup_pkey PRIMARY KEY (shard, lot_id);
ALTER TABLE ONLY snapledger.lot_payload
    ADD CONSTRAINT lot_payload_pkey PRIMARY KEY (shard, lot_id);
ALTER TABLE ONLY snapledger.lot
    ADD CONSTRAINT lot_pkey PRIMARY KEY (shard, lot_id, first_position);
ALTER TABLE ONLY snapledger.match_observation
    ADD CONSTRAINT match_observation_pkey PRIMARY KEY (destination_number, observation_id);
ALTER TABLE ONLY snapledger.pace
    ADD CONSTRAINT pace_pkey PRIMARY KEY (destination_number);
ALTER TABLE ONLY snapledger.quality_answer
    ADD CONSTRAINT quality_answer_pkey PRIMARY KEY (destination_number, first_fetched_time);
ALTER TABLE ONLY snapledger.quality_score
    ADD CONSTRAINT quality_score_pkey PRIMARY KEY (destination_number, first_fetched_time, place);
ALTER TABLE ONLY snapledger.quality_turn
    ADD CONSTRAINT quality_turn_pkey PRIMARY KEY (destination_number);
ALTER TABLE ONLY snapledger.receipt_observation
    ADD CONSTRAINT receipt_observation_pkey PRIMARY KEY (destination_number, observation_time);
ALTER TABLE ONLY snapledger.receipt_turn
    ADD CONSTRAINT receipt_turn_pkey PRIMARY KEY (destination_number);
ALTER TABLE ONLY snapledger.schema_lock
    ADD CONSTRAINT schema_lock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY snapledger.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (version);
ALTER TABLE ONLY snapledger.shard
    ADD CONSTRAINT shard_destination_number_lane_key UNIQUE (destination_number, lane);
ALTER TABLE ONLY snapledger.shard
    ADD CONSTRAINT shard_pkey PRIMARY KEY (shard);
ALTER TABLE ONLY snapledger.state_counter
    ADD CONSTRAINT state_counter_pkey PRIMARY KEY (shard, state);
ALTER TABLE ONLY snapledger.transition
    ADD CONSTRAINT transition_pkey PRIMARY KEY (shard, lot_id, transition_time, transition_id);
ALTER TABLE ONLY snapledger.value_progress
    ADD CONSTRAINT value_progress_pkey PRIMARY KEY (shard);
ALTER TABLE ONLY snapledger.value_sketch
    ADD CONSTRAINT value_sketch_pkey PRIMARY KEY (shard, day, kind);
ALTER TABLE ONLY snapledger_keys.data_key
    ADD CONSTRAINT data_key_key_day_key UNIQUE (key_day);
ALTER TABLE ONLY snapledger_keys.data_key
    ADD CONSTRAINT data_key_pkey PRIMARY KEY (data_key_number);
CREATE INDEX attempt_open ON snapledger.attempt USING btree (shard, lease_end_time) WHERE (outcome = 0);
CREATE INDEX attempt_recorded ON snapledger.attempt USING btree (shard, recorded_time) WHERE (recorded_time IS NOT NULL);
CREATE INDEX attempt_sent ON snapledger.attempt USING btree (shard, sent_time);
CREATE INDEX audit_entry_time ON snapledger.audit_entry USING btree (entry_time, sequence);
CREATE INDEX lot_exceptional ON snapledger.lot USING btree (shard, exceptional_state, received_time) WHERE (exceptional_state IS NOT NULL);
CREATE INDEX lot_queue ON snapledger.lot USING btree (shard, queue, next_attempt_time, lot_id, first_position) WHERE (queue > 0);
CREATE INDEX lot_received ON snapledger.lot USING btree (shard, received_time) INCLUDE (event_count);
CREATE UNIQUE INDEX match_observation_evidence ON snapledger.match_observation USING btree (destination_number, evidence_key, window_start, window_end, event_name, source, kinds);
CREATE INDEX match_observation_recorded ON snapledger.match_observation USING btree (destination_number, record_time, observation_id);
CREATE INDEX transition_time ON snapledger.transition USING btree (shard, transition_time);
ALTER INDEX snapledger.identity_pkey ATTACH PARTITION snapledger.identity_1_pkey;
ALTER TABLE ONLY snapledger.destination_token
    ADD CONSTRAINT destination_token_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.former_lane_count
    ADD CONSTRAINT former_lane_count_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.identity_appender
    ADD CONSTRAINT identity_appender_partition_number_fkey FOREIGN KEY (partition_number) REFERENCES snapledger.identity_partition(partition_number);
ALTER TABLE ONLY snapledger.identity_filter
    ADD CONSTRAINT identity_filter_partition_number_fkey FOREIGN KEY (partition_number) REFERENCES snapledger.identity_partition(partition_number);
ALTER TABLE ONLY snapledger.match_observation
    ADD CONSTRAINT match_observation_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.pace
    ADD CONSTRAINT pace_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.quality_answer
    ADD CONSTRAINT quality_answer_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.quality_score
    ADD CONSTRAINT quality_score_destination_number_first_fetched_time_fkey FOREIGN KEY (destination_number, first_fetched_time) REFERENCES snapledger.quality_answer(destination_number, first_fetched_time) ON DELETE CASCADE;
ALTER TABLE ONLY snapledger.quality_turn
    ADD CONSTRAINT quality_turn_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.receipt_observation
    ADD CONSTRAINT receipt_observation_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.receipt_turn
    ADD CONSTRAINT receipt_turn_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
ALTER TABLE ONLY snapledger.shard
    ADD CONSTRAINT shard_destination_number_fkey FOREIGN KEY (destination_number) REFERENCES snapledger.destination(destination_number);
