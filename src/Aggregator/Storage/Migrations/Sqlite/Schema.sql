CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);

CREATE TABLE "Events" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Events" PRIMARY KEY AUTOINCREMENT,
    "RunId" TEXT NOT NULL,
    "Round" INTEGER NULL,
    "At" INTEGER NOT NULL,
    "Kind" TEXT NOT NULL,
    "Participant" TEXT NULL,
    "Text" TEXT NOT NULL
);

CREATE TABLE "Models" (
    "RunId" TEXT NOT NULL,
    "Round" INTEGER NOT NULL,
    "Weights" BLOB NOT NULL,
    "WeightsSha256" TEXT NOT NULL,
    CONSTRAINT "PK_Models" PRIMARY KEY ("RunId", "Round")
);

CREATE TABLE "Outbox" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Outbox" PRIMARY KEY AUTOINCREMENT,
    "MessageId" TEXT NOT NULL,
    "Type" TEXT NOT NULL,
    "Queue" TEXT NULL,
    "Body" BLOB NOT NULL
);

CREATE TABLE "Participants" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_Participants" PRIMARY KEY,
    "WorkerId" TEXT NULL,
    "LeaseUntil" INTEGER NOT NULL,
    "LastHeard" INTEGER NOT NULL,
    "Listening" INTEGER NOT NULL
);

CREATE TABLE "Rounds" (
    "CorrelationId" TEXT NOT NULL CONSTRAINT "PK_Rounds" PRIMARY KEY,
    "CurrentState" TEXT NOT NULL,
    "RunId" TEXT NOT NULL,
    "Round" INTEGER NOT NULL,
    "EvaluateOnly" INTEGER NOT NULL,
    "Goal" INTEGER NOT NULL,
    "Minimum" INTEGER NOT NULL,
    "Participants" TEXT NOT NULL,
    "Submitted" TEXT NOT NULL,
    "Failed" TEXT NOT NULL,
    "OpenedAt" INTEGER NOT NULL,
    "ClosesAt" INTEGER NOT NULL,
    "ClosedAt" INTEGER NULL
);

CREATE TABLE "Runs" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Runs" PRIMARY KEY,
    "PlanJson" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Status" INTEGER NOT NULL,
    "StartedAt" INTEGER NULL,
    "EndedAt" INTEGER NULL,
    "Goal" INTEGER NOT NULL,
    "Minimum" INTEGER NOT NULL,
    "Round" INTEGER NOT NULL,
    "Reason" TEXT NULL
);

CREATE TABLE "Submissions" (
    "RunId" TEXT NOT NULL,
    "Round" INTEGER NOT NULL,
    "Participant" TEXT NOT NULL,
    "RoundId" TEXT NOT NULL,
    "WorkerId" TEXT NOT NULL,
    "ReceivedAt" INTEGER NOT NULL,
    "SampleCount" INTEGER NOT NULL,
    "Weights" BLOB NULL,
    "WeightsSha256" TEXT NULL,
    "HeldOutWindows" INTEGER NOT NULL,
    "GlobalMse" REAL NOT NULL,
    "GlobalMae" REAL NOT NULL,
    "LocalMse" REAL NULL,
    "LocalMae" REAL NULL,
    "TrainingLoss" REAL NULL,
    "TrainingSeconds" REAL NULL,
    CONSTRAINT "PK_Submissions" PRIMARY KEY ("RunId", "Round", "Participant")
);

CREATE INDEX "IX_Events_RunId" ON "Events" ("RunId");

CREATE INDEX "IX_Rounds_CurrentState_ClosesAt" ON "Rounds" ("CurrentState", "ClosesAt");

CREATE UNIQUE INDEX "IX_Rounds_RunId_Round" ON "Rounds" ("RunId", "Round");

CREATE INDEX "IX_Submissions_RoundId" ON "Submissions" ("RoundId");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261123183042_Initial', '10.0.15');

ALTER TABLE "Runs" ADD "Participants" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "Runs" ADD "StartsBy" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "Participants" ADD "GivenBackBy" TEXT NULL;

CREATE TABLE "Aggregators" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Aggregators" PRIMARY KEY,
    "StartedAt" INTEGER NOT NULL,
    "LastAlive" INTEGER NOT NULL
);

CREATE TABLE "Quarantine" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Quarantine" PRIMARY KEY,
    "RunId" TEXT NOT NULL,
    "Round" INTEGER NOT NULL,
    "Participant" TEXT NOT NULL,
    "WorkerId" TEXT NOT NULL,
    "ReceivedAt" INTEGER NOT NULL,
    "Reason" TEXT NOT NULL,
    "SampleCount" INTEGER NOT NULL,
    "WeightBytes" INTEGER NOT NULL,
    "WeightsSha256" TEXT NULL,
    "Weights" BLOB NULL
);

CREATE INDEX "IX_Quarantine_RunId" ON "Quarantine" ("RunId");

UPDATE Runs SET StartsBy = CreatedAt + 864000000000;

CREATE TRIGGER Events_are_never_changed BEFORE UPDATE ON Events
BEGIN SELECT RAISE(ABORT, 'the history is only ever appended to'); END;

CREATE TRIGGER Events_are_never_deleted BEFORE DELETE ON Events
BEGIN SELECT RAISE(ABORT, 'the history is only ever appended to'); END;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261123214456_History', '10.0.15');

ALTER TABLE "Submissions" ADD "Parts" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "Rounds" ADD "PartLength" INTEGER NOT NULL DEFAULT 4194304;

CREATE TABLE "SubmissionParts" (
    "RunId" TEXT NOT NULL,
    "Round" INTEGER NOT NULL,
    "Participant" TEXT NOT NULL,
    "WeightsSha256" TEXT NOT NULL,
    "Part" INTEGER NOT NULL,
    "Weights" BLOB NOT NULL,
    CONSTRAINT "PK_SubmissionParts" PRIMARY KEY ("RunId", "Round", "Participant", "WeightsSha256", "Part")
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261125030517_Parts', '10.0.15');

CREATE TABLE "Forecasts" (
    "RunId" TEXT NOT NULL,
    "Participant" TEXT NOT NULL,
    "Round" INTEGER NOT NULL,
    "Actual" BLOB NOT NULL,
    "Predicted" BLOB NOT NULL,
    CONSTRAINT "PK_Forecasts" PRIMARY KEY ("RunId", "Participant")
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261125060905_Forecasts', '10.0.15');

ALTER TABLE "Participants" ADD "SpansJson" TEXT NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261125064356_Spans', '10.0.15');

CREATE TABLE "Baselines" (
    "RunId" TEXT NOT NULL,
    "Participant" TEXT NOT NULL,
    "HeldOutWindows" INTEGER NOT NULL,
    "RepeatLastMse" REAL NULL,
    "RepeatLastMae" REAL NULL,
    "MeanMse" REAL NULL,
    "MeanMae" REAL NULL,
    "LocalMse" REAL NULL,
    "LocalMae" REAL NULL,
    CONSTRAINT "PK_Baselines" PRIMARY KEY ("RunId", "Participant")
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261125155003_Baselines', '10.0.15');

ALTER TABLE "Models" ADD "PartLength" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "Models" ADD "PartsLength" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "ModelParts" (
    "RunId" TEXT NOT NULL,
    "Round" INTEGER NOT NULL,
    "Part" INTEGER NOT NULL,
    "Weights" BLOB NOT NULL,
    CONSTRAINT "PK_ModelParts" PRIMARY KEY ("RunId", "Round", "Part")
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261127135551_ModelParts', '10.0.15');

ALTER TABLE "Participants" RENAME COLUMN "SpansJson" TO "ChecksJson";

CREATE TABLE "Keys" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Keys" PRIMARY KEY AUTOINCREMENT,
    "Xml" TEXT NOT NULL
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261201121133_Checks', '10.0.15');

