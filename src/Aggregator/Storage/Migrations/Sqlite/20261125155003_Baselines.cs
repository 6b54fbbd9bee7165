using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FedQueue.Aggregator.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Baselines : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Baselines",
                columns: table => new
                {
                    RunId = table.Column<string>(type: "TEXT", nullable: false),
                    Participant = table.Column<string>(type: "TEXT", nullable: false),
                    HeldOutWindows = table.Column<int>(type: "INTEGER", nullable: false),
                    RepeatLastMse = table.Column<double>(type: "REAL", nullable: true),
                    RepeatLastMae = table.Column<double>(type: "REAL", nullable: true),
                    MeanMse = table.Column<double>(type: "REAL", nullable: true),
                    MeanMae = table.Column<double>(type: "REAL", nullable: true),
                    LocalMse = table.Column<double>(type: "REAL", nullable: true),
                    LocalMae = table.Column<double>(type: "REAL", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Baselines", x => new { x.RunId, x.Participant });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Baselines");
        }
    }
}
