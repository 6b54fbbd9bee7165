using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FedQueue.Aggregator.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Parts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Parts",
                table: "Submissions",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "PartLength",
                table: "Rounds",
                type: "integer",
                nullable: false,
                defaultValue: 4194304);

            migrationBuilder.CreateTable(
                name: "SubmissionParts",
                columns: table => new
                {
                    RunId = table.Column<string>(type: "text", nullable: false),
                    Round = table.Column<int>(type: "integer", nullable: false),
                    Participant = table.Column<string>(type: "text", nullable: false),
                    WeightsSha256 = table.Column<string>(type: "text", nullable: false),
                    Part = table.Column<int>(type: "integer", nullable: false),
                    Weights = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SubmissionParts", x => new { x.RunId, x.Round, x.Participant, x.WeightsSha256, x.Part });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "SubmissionParts");

            migrationBuilder.DropColumn(
                name: "Parts",
                table: "Submissions");

            migrationBuilder.DropColumn(
                name: "PartLength",
                table: "Rounds");
        }
    }
}
