PRAGMA application_id = 1164537466;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE before (
        seq INTEGER PRIMARY KEY,
        expires TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT
    ;
INSERT INTO "before" VALUES(2,'2026-03-31',X'01CCE4D0154E409022F10A97380B6230C78F40249E07C2BBD2DB984A2B793A81E9D80307EA07E1F7810A46F490A9');
CREATE TABLE entry (
        seq INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('start', 'intent', 'outcome', 'finish')),
        at TEXT NOT NULL,
        scope TEXT NOT NULL,
        entity TEXT NOT NULL,
        record TEXT NOT NULL,
        action TEXT NOT NULL,
        result TEXT NOT NULL,
        detail TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT
    ;
INSERT INTO "entry" VALUES(1,1,'start','2026-03-01T08:00:00.000+00:00','bots4you/practice/master-data','','','apply','','{"mapping":"m1","plan":"p1","settings":{"separator":"/"}}',X'9C1EAD36580D742F9F5DFE34B4985EC841DC72179FFE9E16E29842153A9EC5CF');
INSERT INTO "entry" VALUES(2,1,'intent','2026-03-01T08:00:00.000+00:00','','tenant','10/0042','update','','{"rule":"B3"}',X'9D4AE320DADED053782432CA87FECB4AF4E78DB3739F01EE37A1A003D903D83C');
INSERT INTO "entry" VALUES(3,1,'outcome','2026-03-01T08:00:00.000+00:00','','tenant','10/0042','update','done','{"remote":"r-1"}',X'7074336759FF3AD80E2F420CAB3555DB371B055AE5D374E54C547B84179E5312');
INSERT INTO "entry" VALUES(4,1,'finish','2026-03-01T08:00:00.000+00:00','','','','','done','{"update":1}',X'1142620996F14DE90E846CF5EC046D90E00DCF58F7DFCD7DC1BC7ADF3A287AA5');
INSERT INTO "entry" VALUES(5,2,'start','2026-03-01T08:00:00.000+00:00','bots4you/practice/master-data','','','apply','','{"mapping":"","plan":"","settings":{"separator":"/"}}',X'162EEEF90755F3FC354E95230E8B622D8449953B719148121A5324F6C4DABA3A');
INSERT INTO "entry" VALUES(6,2,'intent','2026-03-01T08:00:00.000+00:00','','tenant','10/0043','create','','{"rule":"B3"}',X'0120E618917CE9B1F086AD1CFEF6EDEE220745143138C716117F4E683A12F0FC');
CREATE TABLE fact (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        use_case TEXT NOT NULL,
        counts TEXT NOT NULL,
        mapping_version TEXT NOT NULL,
        settings TEXT NOT NULL,
        PRIMARY KEY (partner, environment, use_case)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "fact" VALUES('bots4you','practice','master-data','{"desired":{"tenant":1}}','m1','{"separator":"/"}');
CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        entries INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT
    ;
INSERT INTO "head" VALUES(1,6,X'0120E618917CE9B1F086AD1CFEF6EDEE220745143138C716117F4E683A12F0FC');
CREATE TABLE lease (
        name TEXT PRIMARY KEY,
        token TEXT NOT NULL,
        pid INTEGER NOT NULL,
        host TEXT NOT NULL,
        since TEXT NOT NULL,
        beat TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "lease" VALUES('run 2','5acdf26db917c3d3-7a0c5d1a',9968,'laptop','2026-03-01T08:00:00.000+00:00','2026-03-01T08:00:00.000+00:00');
CREATE TABLE link (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        entity TEXT NOT NULL,
        id TEXT NOT NULL,
        remote TEXT,
        digest BLOB,
        run INTEGER,
        at TEXT NOT NULL,
        PRIMARY KEY (partner, environment, entity, id)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "link" VALUES('bots4you','practice','tenant','10/0042','r-1',X'00000000000000000000000000000000',1,'2026-03-01T08:00:00.000+00:00');
CREATE TABLE pending (
        run INTEGER NOT NULL,
        entity TEXT NOT NULL,
        record TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (run, entity, record)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "pending" VALUES(2,'tenant','10/0043',6);
CREATE INDEX entry_record ON entry (run, kind, entity, record, seq);
CREATE INDEX entry_scope ON entry (scope, run) WHERE kind = 'start';
CREATE INDEX before_expires ON before (expires);
COMMIT;
