-- Invitations, and which accounts the operator stands for: those that were there before, all made by the operator.

ALTER TABLE accounts ADD COLUMN is_vouched boolean NOT NULL DEFAULT true;
ALTER TABLE memberships ADD COLUMN is_confirmed boolean NOT NULL DEFAULT false;
ALTER TABLE memberships ADD COLUMN invitation_hash text COLLATE "C";
ALTER TABLE memberships ADD COLUMN invited_until timestamptz;
