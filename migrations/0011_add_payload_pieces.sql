-- Lots of more than 64 positions are sealed in pieces (docs/decisions/0033). Offsets in the
-- payload: where its first piece begins and where each ends, so that one can be read without the
-- others. Empty: there is one piece.
alter table lot_payload add column piece_bounds int4[] not null default '{}';
