-- Invitations, and which accounts the operator stands for: those that were there before, all made by the operator.

ALTER TABLE accounts ADD COLUMN is_vouched INTEGER NOT NULL DEFAULT 1 CHECK (is_vouched IN (0, 1));
ALTER TABLE memberships ADD COLUMN is_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (is_confirmed IN (0, 1));
ALTER TABLE memberships ADD COLUMN invitation_hash TEXT;
ALTER TABLE memberships ADD COLUMN invited_until INTEGER;
