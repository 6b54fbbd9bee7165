using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FedQueue.Aggregator.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class History : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Participants",
                table: "Runs",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<long>(
                name: "StartsBy",
                table: "Runs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "GivenBackBy",
                table: "Participants",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Aggregators",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastAlive = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Aggregators", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Quarantine",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    RunId = table.Column<string>(type: "TEXT", nullable: false),
                    Round = table.Column<int>(type: "INTEGER", nullable: false),
                    Participant = table.Column<string>(type: "TEXT", nullable: false),
                    WorkerId = table.Column<string>(type: "TEXT", nullable: false),
                    ReceivedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: false),
                    SampleCount = table.Column<int>(type: "INTEGER", nullable: false),
                    WeightBytes = table.Column<int>(type: "INTEGER", nullable: false),
                    WeightsSha256 = table.Column<string>(type: "TEXT", nullable: true),
                    Weights = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Quarantine", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Quarantine_RunId",
                table: "Quarantine",
                column: "RunId");

            // A run that waits already has its day from its creation, as it would have with this version; 864,000,000,000 ticks.
            migrationBuilder.Sql("UPDATE Runs SET StartsBy = CreatedAt + 864000000000;");

            migrationBuilder.Sql("""
                CREATE TRIGGER Events_are_never_changed BEFORE UPDATE ON Events
                BEGIN SELECT RAISE(ABORT, 'the history is only ever appended to'); END;
                """);
            migrationBuilder.Sql("""
                CREATE TRIGGER Events_are_never_deleted BEFORE DELETE ON Events
                BEGIN SELECT RAISE(ABORT, 'the history is only ever appended to'); END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER Events_are_never_changed; DROP TRIGGER Events_are_never_deleted;");

            migrationBuilder.DropTable(
                name: "Aggregators");

            migrationBuilder.DropTable(
                name: "Quarantine");

            migrationBuilder.DropColumn(
                name: "Participants",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "StartsBy",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "GivenBackBy",
                table: "Participants");
        }
    }
}
